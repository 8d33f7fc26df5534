"""The public site (公示栏): what is published, as pages for people, beside the JSON of the same under `/public/`."""
