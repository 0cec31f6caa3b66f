-- CreateEnum
CREATE TYPE "DocumentSigningOrder" AS ENUM ('PARALLEL', 'SEQUENTIAL');

-- AlterTable
ALTER TABLE "DocumentMeta" ADD COLUMN     "signingOrder" "DocumentSigningOrder" NOT NULL DEFAULT 'PARALLEL';

-- AlterTable
ALTER TABLE "Recipient" ADD COLUMN     "signingOrder" INTEGER;
