/** Activities that stay at work until the test lets them go. */
import { Context, heartbeat } from '@temporalio/activity';
import type { Activities } from '../../../src/activities/index.ts';
import { type ActivityName, type Asked, healthy, type Outcome } from './healthy.ts';

const HEARTBEAT_MS = 10;

/** What a held activity does besides. */
interface HoldOptions<Name extends ActivityName> {
  /** Which calls are held, counted from 1; the others are done at once. By default all. */
  when?: (asked: Asked<Name>, nth: number) => boolean;
  /** What it gives when it is let go, or not held. By default what is healthy. */
  does?: (asked: Asked<Name>) => Promise<Outcome<Name>>;
  /** Whether it does not hear that it is canceled. */
  deaf?: boolean;
  /** What it gives when it is canceled. By default nothing: it ends as canceled. */
  canceled?: (asked: Asked<Name>) => Outcome<Name>;
}

/** An activity that is held. */
export interface Hold {
  /** To be handed to a run, as it is or among others. */
  activities: Partial<Activities>;
  /** Settles when a call is held for the first time. */
  begun: Promise<void>;
  /** How many calls are held right now. */
  readonly held: number;
  /** Lets every call go, and those that come. */
  release(): void;
}

/** Holds an activity. */
export function hold<Name extends ActivityName>(
  name: Name,
  { when = () => true, does = healthyOne(name), deaf = false, canceled }: HoldOptions<Name> = {},
): Hold {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let calls = 0;
  let held = 0;
  const activity = async (asked: Asked<Name>): Promise<Outcome<Name>> => {
    calls++;
    if (!when(asked, calls)) return await does(asked);
    held++;
    begun.resolve();
    const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
    try {
      await (deaf ? released.promise : Promise.race([released.promise, Context.current().cancelled]));
    } catch (error) {
      if (canceled) return canceled(asked);
      throw error;
    } finally {
      clearInterval(beat);
      held--;
    }
    return await does(asked);
  };
  return {
    activities: { [name]: activity },
    begun: begun.promise,
    get held() {
      return held;
    },
    release: () => released.resolve(),
  };
}

function healthyOne<Name extends ActivityName>(name: Name) {
  return healthy[name] as (asked: Asked<Name>) => Promise<Outcome<Name>>;
}
