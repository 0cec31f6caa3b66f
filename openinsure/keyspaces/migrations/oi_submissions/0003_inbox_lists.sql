CREATE INDEX `inbound_messages_org_received_id` ON `inbound_messages` (`org_id`,`received_at`,`id`);
--> statement-breakpoint
CREATE INDEX `inbound_messages_org_status_received_id` ON `inbound_messages` (`org_id`,`status`,`received_at`,`id`);
--> statement-breakpoint
CREATE INDEX `motor_carriers_org_updated_id` ON `motor_carriers` (`org_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `motor_carriers_org_name_id` ON `motor_carriers` (`org_id`,`name_norm`,`id`);
