"""Results (检查结果): one for each task and item, drafted from the final record, confirmed, released; deadlines."""
