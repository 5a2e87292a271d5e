import { loadLibrary, openFile } from '../../../extension/formats/hdf5/library.ts';

/** What a file holds, by path: shape, type and values of datasets, attributes of everything. */
export async function contentOf(path: string): Promise<Map<string, unknown>> {
  const { h5 } = await loadLibrary();
  const content = new Map<string, unknown>();
  const file = openFile(await loadLibrary(), path, 'r');
  const visit = (entity: ReturnType<typeof file.get>) => {
    if (entity instanceof h5.Group || entity instanceof h5.Dataset) {
      for (const [name, { value, dtype, shape }] of Object.entries(entity.attrs))
        content.set(`${entity.path}@${name}`, { value, dtype, shape });
    }
    if (entity instanceof h5.Dataset) {
      content.set(entity.path, { shape: entity.shape, dtype: entity.dtype, value: entity.value });
    } else if (entity instanceof h5.Group) {
      content.set(entity.path, entity.keys());
      for (const key of entity.keys()) visit(entity.get(key));
    }
  };
  visit(file);
  file.close();
  return content;
}

/** HDF5's number of the filter. */
export const gzip = 1;

/** The first filter of every dataset and how many values it has, by path. */
export async function filtersOf(path: string): Promise<Map<string, { id: number; size: number }>> {
  const { h5 } = await loadLibrary();
  const filters = new Map<string, { id: number; size: number }>();
  const file = openFile(await loadLibrary(), path, 'r');
  const visit = (group: InstanceType<typeof h5.Group>) => {
    for (const key of group.keys()) {
      const entity = group.get(key);
      if (entity instanceof h5.Group) visit(entity);
      else if (entity instanceof h5.Dataset)
        filters.set(entity.path, { id: entity.filters[0]?.id ?? 0, size: entity.metadata.total_size });
    }
  };
  visit(file);
  file.close();
  return filters;
}
