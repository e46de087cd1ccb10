/**
 * What remains to be done by hand once a sharded database serves: tasks and subscriptions arrive disabled, so that nothing
 * runs on both sides, nobody may have thought of backups, and certificates name databases.
 */
import { settingKinds } from '../settings/setting-kinds.ts';
import { partsOf, type RecordFields, SERVER_WIDE } from '../settings/settings.ts';
import { subscriptionAdvice } from '../settings/subscriptions.ts';
import { firstOf, quoted } from '../text/format.ts';
import { type Certificate, isOperator } from './rights.ts';

/** One thing to do. */
export interface ToDo {
  /** Field of the database record, `Subscriptions` or `Certificates`. */
  about: string;
  text: string;
}

/** A certificate in the list of a server. */
export interface ListedCertificate extends Certificate {
  Thumbprint: string;
}

/** A database, as its server describes it. */
export interface Described {
  database: string;
  record: RecordFields;
  /** Those that the server knows; undefined where it keeps them from us. */
  certificates: readonly ListedCertificate[] | undefined;
}

interface Subscription {
  SubscriptionName: string;
  Query: string;
  Disabled: boolean;
}

const MOST_NAMED = 20;

/** @param subscriptions of the target */
export function leftToDo(
  source: Described,
  target: Described & { subscriptions: readonly Subscription[] },
): ToDo[] {
  return [
    ...tasksLeft(source.record, target.record),
    ...backupsLeft(target),
    ...subscriptionsLeft(target.subscriptions),
    ...certificatesLeft(source, target),
  ];
}

/** Tasks that ran on the source, and are disabled on the target. */
function tasksLeft(source: RecordFields, target: RecordFields): ToDo[] {
  const tasks = settingKinds.filter(({ shape }) => shape === 'tasks');
  return tasks.flatMap(({ field, advice = '' }) => {
    const disabled = namesOf(target, field, false);
    const waiting = namesOf(source, field, true).filter((name) => disabled.includes(name));
    return waiting.length > 0 ? [{ about: field, text: `${quoted(waiting)}: ${advice}` }] : [];
  });
}

function backupsLeft({ database, record }: Described): ToDo[] {
  const field = 'PeriodicBackups';
  return [...partsOf(record[field]).values()].some(isEnabled)
    ? []
    : [{ about: field, text: `No periodic backup runs on "${database}". Enable one, or add one.` }];
}

/** Without those that the server's configuration creates. */
function namesOf(record: RecordFields, field: string, enabled: boolean): string[] {
  return [...partsOf(record[field])]
    .filter(([name, task]) => !name.startsWith(SERVER_WIDE) && isEnabled(task) === enabled)
    .map(([name]) => name);
}

function isEnabled(task: unknown): boolean {
  return (task as { Disabled?: boolean }).Disabled !== true;
}

function subscriptionsLeft(subscriptions: readonly Subscription[]): ToDo[] {
  const disabled = subscriptions.filter(({ Disabled }) => Disabled);
  const sorted = { missing: [], disabled, enabled: [], other: [] };
  return subscriptionAdvice(sorted, new Map()).map(({ setting, advice }) => ({
    about: setting,
    text: advice,
  }));
}

/** Certificates of applications that may do less on the target than they may on the source. */
function certificatesLeft(source: Described, target: Described): ToDo[] {
  const about = 'Certificates';
  const sides = `on "${source.database}"`;
  if (!source.certificates || !target.certificates) {
    const unread = `Which certificates have rights ${sides} could not be read, which takes clearance Operator.`;
    return [{ about, text: `${unread} Give those of applications the same rights on "${target.database}".` }];
  }
  const there = new Map(target.certificates.map((each) => [each.Thumbprint.toLowerCase(), each]));
  const lacking = source.certificates.flatMap((each) => {
    const right = isOperator(each) ? undefined : rightOf(each, source.database);
    const twin = there.get(each.Thumbprint.toLowerCase());
    const lacks =
      right !== undefined && !(twin && isEnough(rightOf(twin, target.database), right, isOperator(twin)));
    return lacks ? [`"${each.Name || each.Thumbprint}" (${right})`] : [];
  });
  if (lacking.length === 0) return [];
  const names = firstOf(lacking, MOST_NAMED);
  return [
    {
      about,
      text: `${names}: may do less on "${target.database}" than ${sides}. Edit the certificate there.`,
    },
  ];
}

const RIGHTS = ['Read', 'ReadWrite', 'Admin'];

function rightOf({ Permissions }: Certificate, database: string): string | undefined {
  const name = database.toLowerCase();
  return Object.entries(Permissions ?? {}).find(([each]) => each.toLowerCase() === name)?.[1];
}

function isEnough(has: string | undefined, wanted: string, mayAll: boolean): boolean {
  return mayAll || (has !== undefined && RIGHTS.indexOf(has) >= RIGHTS.indexOf(wanted));
}
