# files of doc
dist_man_MANS = doc/binnacle.1
EXTRA_DIST += doc/architecture.md doc/extending.md doc/failure-modes.md doc/filter.md doc/performance.md doc/quality.md
