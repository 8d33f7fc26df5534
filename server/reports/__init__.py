"""Reports: statistics, coverage, warnings and assessment data, all from frozen snapshots."""
