"""ODK Collect and KoboCollect, unmodified: a second wire over the verbs that the phones of ours use."""
