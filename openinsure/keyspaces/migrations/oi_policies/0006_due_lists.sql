CREATE INDEX `state_insurance_report_records_org_due_id` ON `state_insurance_report_records` (`org_id`,`due_date`,`id`);
--> statement-breakpoint
CREATE INDEX `state_insurance_report_records_org_status_due_id` ON `state_insurance_report_records` (`org_id`,`status`,`due_date`,`id`);
