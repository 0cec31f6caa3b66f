CREATE INDEX `premium_transactions_org_fully_earned_stopped_on` ON `premium_transactions` (`org_id`,`fully_earned`,`policy_id`,`earn_from`,`earn_to`,`stopped_on`);
