"""Annual plans (年度抽查计划): what is to be inspected, how many of them, when, and who takes part."""
