// The programs are bundled, so that their packages need nothing beside themselves. In the clone the same libraries are
// dependencies, because `npm start` installs without what only tests and checks need.
const BUNDLED = ['@credplex/server', '@credplex/cli'];

module.exports = {
  hooks: {
    beforePacking(manifest) {
      if (BUNDLED.includes(manifest.name)) delete manifest.dependencies;
      return manifest;
    },
  },
};
