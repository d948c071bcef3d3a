CREATE TABLE "search_blocks" (
	"segment" integer NOT NULL,
	"from_word" text COLLATE "C" NOT NULL,
	"entries" text COLLATE "C" NOT NULL,
	CONSTRAINT "search_blocks_segment_from_word_pk" PRIMARY KEY("segment","from_word")
);
--> statement-breakpoint
CREATE TABLE "search_ids" (
	"place" text COLLATE "C" PRIMARY KEY NOT NULL,
	"segment" integer NOT NULL,
	"first_id" text COLLATE "C" NOT NULL,
	"ids" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_late" (
	"comment_id" text COLLATE "C" PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_segments" (
	"segment" integer NOT NULL,
	"size" integer NOT NULL,
	"min_id" text COLLATE "C" NOT NULL,
	"max_id" text COLLATE "C" NOT NULL,
	"revision" integer NOT NULL,
	CONSTRAINT "search_segments_segment_pk" PRIMARY KEY("segment")
);
--> statement-breakpoint
CREATE TABLE "search_state" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"sealed" integer NOT NULL,
	"erased" integer NOT NULL,
	"high" text COLLATE "C" NOT NULL,
	"low" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "search_blocks" ALTER COLUMN "entries" SET STORAGE MAIN, SET (toast_tuple_target = 8160);--> statement-breakpoint
ALTER TABLE "decisions" ALTER COLUMN "reason_code" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
CREATE INDEX "search_ids_by_first" ON "search_ids" USING btree ("segment","first_id");--> statement-breakpoint
CREATE INDEX "decisions_by_decider_of" ON "decisions" USING btree ("decided_by","comment_id");--> statement-breakpoint
CREATE INDEX "decisions_by_reason" ON "decisions" USING btree ("reason_code","comment_id") WHERE reason_code IS NOT NULL;--> statement-breakpoint
INSERT INTO "search_state" ("name", "sealed", "erased", "high", "low") VALUES ('index', 0, 0, '', '');
