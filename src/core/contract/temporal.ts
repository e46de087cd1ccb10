/** Where Temporal is when nothing says so: as its own tools take it. */
export const DEFAULT_ADDRESS = 'localhost:7233';
export const DEFAULT_NAMESPACE = 'default';
