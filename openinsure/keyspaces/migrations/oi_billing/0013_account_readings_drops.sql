DROP INDEX `earned_premium_postings_org_ledger_transfer` ON `earned_premium_postings`;
