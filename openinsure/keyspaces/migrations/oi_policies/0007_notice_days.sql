CREATE INDEX `policy_notices_org_effective_id` ON `policy_notices` (`org_id`,`effective_date`,`id`);
