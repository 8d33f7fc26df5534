"""The whole day as a bureau has it, in real processes and a real browser: `make walk` and `make review-pace`."""
