/** What only a run knows of itself whose target can be repaired. */
import {
  altogether,
  describeForecast,
  isRepairOver,
  type MendedSoFar,
  type RepairForecast,
} from '../../core/compare/repair.ts';
import { describeRepair, type Repair, type Verification } from '../../core/compare/verification.ts';
import type { RepairRequest } from '../../core/contract/contract.ts';
import { type Signed, signature } from '../../core/run/progress.ts';
import type { RunReport } from '../../core/run/report.ts';
import { formatCount } from '../../core/text/format.ts';
import { now, RunState } from './run-state.ts';

/** Each lists what differed before and after it. */
const MOST_REPAIRS = 20;

/** State of a run that may be asked for repairs. */
export class RepairableState extends RunState {
  /** Who asked for a repair; null when nobody did, or it was done. */
  get repairAsked(): Signed | null {
    return this.kept.repairAsked;
  }

  /** Who asked for a dry run of a repair; null when nobody did, or it was done. */
  get dryRunAsked(): Signed | null {
    return this.kept.dryRunAsked ?? null;
  }

  get repairs(): readonly Repair[] {
    return this.kept.repairs;
  }

  askRepair({ dryRun, by, note }: RepairRequest): void {
    const asked = { by, note, at: now() };
    if (dryRun) this.kept.dryRunAsked = asked;
    else this.kept.repairAsked = asked;
    this.note(`${dryRun ? 'Dry run of a repair' : 'Repair'} requested by ${signature(asked)}`);
  }

  /** A dry run has said how much a repair would mend. */
  foreseen(found: RepairForecast): void {
    const { by, note } = this.kept.dryRunAsked ?? { by: '', note: '' };
    this.kept.dryRunAsked = null;
    const dryRun = { at: now(), by, note, found };
    Object.assign(this.mutable, { dryRun, transferred: null });
    this.kept.dryRuns ??= [];
    this.keep('dryRuns', dryRun, MOST_REPAIRS);
    this.note(`Dry run of a repair: ${describeForecast(found)}`);
  }

  /**
   * Documents were mended without a look at each of them: the next comparison says what is left.
   * @param mismatches how many items differed before it
   */
  mended(repair: MendedSoFar, mismatches: number): void {
    this.kept.repairing = { repair: altogether(this.kept.repairing?.repair, repair), mismatches };
    this.note(`Repair: ${formatCount(repair.documents ?? 0)} documents were mended; all is compared again.`);
  }

  repaired(repair: MendedSoFar): void {
    const signed = this.kept.repairAsked ?? { by: '', note: '', at: now() };
    const entry = { ...signed, ...altogether(this.kept.repairing?.repair, repair) };
    this.kept.repairAsked = null;
    this.kept.repairing = null;
    // what was foreseen is so no more
    delete this.mutable.dryRun;
    this.keep('repairs', entry, MOST_REPAIRS);
    this.note(`Repair: ${describeRepair(entry)}`);
  }

  override verified(verification: Verification): void {
    super.verified(verification);
    const { repairing } = this.kept;
    if (!repairing || !isRepairOver(repairing, verification)) return;
    this.repaired({ before: [], after: verification.differences });
  }

  override report(): RunReport {
    const { dryRuns } = this.kept;
    return { ...super.report(), ...(dryRuns && { dryRuns }) };
  }
}
