CREATE UNIQUE INDEX `organizations_tb_ledger_uq` ON `organizations` (`tb_ledger_id`);
