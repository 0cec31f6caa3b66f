-- The embedded ledger's own schema (oi_ledger). Each statement may be run again.
-- Ids are u128 as 32 hex; sums of cents are decimal(39,0); timestamps are ns since 1970.
CREATE TABLE IF NOT EXISTS clock (
  id tinyint NOT NULL PRIMARY KEY,
  last_timestamp bigint unsigned NOT NULL
) ENGINE=InnoDB;
INSERT IGNORE INTO clock (id, last_timestamp) VALUES (1, 0);
CREATE TABLE IF NOT EXISTS accounts (
  id char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  ledger int unsigned NOT NULL,
  code smallint unsigned NOT NULL,
  flags smallint unsigned NOT NULL,
  user_data_128 char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_data_64 bigint unsigned NOT NULL,
  user_data_32 int unsigned NOT NULL,
  debits_pending decimal(39,0) NOT NULL,
  debits_posted decimal(39,0) NOT NULL,
  credits_pending decimal(39,0) NOT NULL,
  credits_posted decimal(39,0) NOT NULL,
  timestamp bigint unsigned NOT NULL
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS transfers (
  id char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  debit_account_id char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  credit_account_id char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount decimal(39,0) NOT NULL,
  pending_id char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_data_128 char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_data_64 bigint unsigned NOT NULL,
  user_data_32 int unsigned NOT NULL,
  timeout int unsigned NOT NULL,
  ledger int unsigned NOT NULL,
  code smallint unsigned NOT NULL,
  flags smallint unsigned NOT NULL,
  timestamp bigint unsigned NOT NULL,
  phase varchar(8) NOT NULL,
  expires_at bigint unsigned NOT NULL,
  UNIQUE KEY transfers_timestamp (timestamp),
  KEY transfers_debit (debit_account_id, timestamp),
  KEY transfers_credit (credit_account_id, timestamp),
  KEY transfers_expiry (phase, expires_at)
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS burnt (
  id char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS balances (
  account_id char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  timestamp bigint unsigned NOT NULL,
  debits_pending decimal(39,0) NOT NULL,
  debits_posted decimal(39,0) NOT NULL,
  credits_pending decimal(39,0) NOT NULL,
  credits_posted decimal(39,0) NOT NULL,
  PRIMARY KEY (account_id, timestamp)
) ENGINE=InnoDB;
