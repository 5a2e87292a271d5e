/** With which HDF5's superblock begins. */
export const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
