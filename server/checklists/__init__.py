"""Published forms: what inspectors are asked, in versions that never change."""
