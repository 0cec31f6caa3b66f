CREATE INDEX `commission_accruals_org_status_producer_currency_amount` ON `commission_accruals` (`org_id`,`status`,`producer_id`,`currency`,`amount_cents`);
