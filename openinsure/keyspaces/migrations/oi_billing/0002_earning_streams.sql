ALTER TABLE `premium_transactions` ADD `transaction_no` int NOT NULL DEFAULT 0;
--> statement-breakpoint
ALTER TABLE `premium_transactions` ADD `carrier_written_cents` bigint NOT NULL DEFAULT 0;
--> statement-breakpoint
ALTER TABLE `earned_premium_postings` ADD `carrier_earned_cents` bigint NOT NULL DEFAULT 0;
--> statement-breakpoint
ALTER TABLE `earned_premium_postings` ADD `ledger_earned_cents` bigint NOT NULL DEFAULT 0;
