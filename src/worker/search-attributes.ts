/** The search attributes of the namespace: registered where the worker may, and looked at before a workflow sets them. */
import type { NativeConnection } from '@temporalio/worker';
import type { LocalActivities } from '../activities/index.ts';
import {
  indexedValueTypes,
  lackingSearchAttributes,
  type SearchAttribute,
  searchAttributes,
} from '../core/run/search-attributes.ts';

/** The search attributes of one namespace. */
export class NamespaceSearchAttributes implements LocalActivities {
  readonly #service: NativeConnection['operatorService'];
  readonly #namespace: string;
  #areComplete = false;

  constructor({ operatorService }: Pick<NativeConnection, 'operatorService'>, namespace: string) {
    this.#service = operatorService;
    this.#namespace = namespace;
  }

  /** Registers those that are missing. @returns those that could not be: without them everything else works */
  async register(): Promise<SearchAttribute[]> {
    const lacking = await this.#lacking();
    if (lacking.length === 0) return [];
    const types = lacking.map((name) => [name, indexedValueTypes[searchAttributes[name]]]);
    const request = { namespace: this.#namespace, searchAttributes: Object.fromEntries(types) };
    // many clusters let only their administrators do that
    await this.#service.addSearchAttributes(request).catch(() => undefined);
    return await this.#lacking();
  }

  /** Whether the namespace knows all of them. @throws when Temporal does not tell */
  readonly hasSearchAttributes = async (): Promise<boolean> => {
    return this.#areComplete || (await this.#lacking()).length === 0;
  };

  async #lacking(): Promise<SearchAttribute[]> {
    const { customAttributes } = await this.#service.listSearchAttributes({ namespace: this.#namespace });
    const lacking = lackingSearchAttributes(customAttributes ?? {});
    this.#areComplete = lacking.length === 0;
    return lacking;
  }
}
