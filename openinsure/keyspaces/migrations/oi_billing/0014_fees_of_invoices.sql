CREATE INDEX `fee_charges_org_invoice` ON `fee_charges` (`org_id`,`invoice_id`);
