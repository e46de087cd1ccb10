/** Tells Temporal what lists can be filtered by. */
import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import {
  type SearchAttribute,
  type SearchValues,
  searchAttributes,
} from '../../core/run/search-attributes.ts';
import { local } from './activity-proxies.ts';

const keys = {
  Keyword: (name: SearchAttribute) => defineSearchAttributeKey(name, 'KEYWORD'),
  KeywordList: (name: SearchAttribute) => defineSearchAttributeKey(name, 'KEYWORD_LIST'),
} as const;

/** The search attributes of one run. Each change is one event of its history. */
export class SearchAttributes {
  /** Undefined until all were set: whoever starts a run like another one hands that one's on to it. */
  #told: SearchValues | undefined;
  #areKnown = false;

  /**
   * Asks the worker whether the namespace knows them; before that {@link tell} has no effect. A workflow that sets one that
   * is unknown stands still until somebody registers it.
   */
  async begin(): Promise<void> {
    this.#areKnown = await local.hasSearchAttributes().catch(() => false);
  }

  /** Sets what has changed. */
  tell(values: SearchValues): void {
    if (!this.#areKnown) return;
    const told = this.#told;
    const names = Object.keys(searchAttributes) as SearchAttribute[];
    const changed = told ? names.filter((name) => String(values[name]) !== String(told[name])) : names;
    if (changed.length === 0) return;
    this.#told = values;
    const pairOf = (name: SearchAttribute) => ({
      key: keys[searchAttributes[name]](name),
      value: values[name] ?? null,
    });
    upsertSearchAttributes(changed.map((name) => pairOf(name) as SearchAttributeUpdatePair));
  }
}
