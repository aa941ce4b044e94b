using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Countersign.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class NumbersMessagesApplications : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_phone_numbers_user_id_e164",
                table: "phone_numbers");

            migrationBuilder.AddColumn<long>(
                name: "email_confirmed_at",
                table: "users",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "scope",
                table: "sessions",
                type: "TEXT",
                maxLength: 32,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "agreed_at",
                table: "phone_numbers",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "removed_at",
                table: "phone_numbers",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "replaces_id",
                table: "phone_numbers",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "failure",
                table: "messages",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "parts",
                table: "messages",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "provider_id",
                table: "messages",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "range",
                table: "messages",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "refusals",
                table: "messages",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "region",
                table: "messages",
                type: "TEXT",
                maxLength: 2,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "account_applications",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    answers = table.Column<byte[]>(type: "BLOB", maxLength: 16000, nullable: false),
                    begun_at = table.Column<long>(type: "INTEGER", nullable: false),
                    saved_at = table.Column<long>(type: "INTEGER", nullable: false),
                    submitted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    account_number = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_applications", x => x.user_id);
                });

            migrationBuilder.CreateTable(
                name: "do_not_call_numbers",
                columns: table => new
                {
                    e164 = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    register = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    imported_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_do_not_call_numbers", x => new { x.e164, x.register });
                });

            migrationBuilder.CreateTable(
                name: "prefix_stops",
                columns: table => new
                {
                    prefix = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    scope = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    stopped_at = table.Column<long>(type: "INTEGER", nullable: false),
                    by = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    sent = table.Column<int>(type: "INTEGER", nullable: true),
                    verified = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_prefix_stops", x => x.prefix);
                });

            migrationBuilder.CreateIndex(
                name: "ix_phone_numbers_user_id_e164",
                table: "phone_numbers",
                columns: new[] { "user_id", "e164" },
                unique: true,
                filter: "removed_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_messages_channel_state_due_at",
                table: "messages",
                columns: new[] { "channel", "state", "due_at" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_range_created_at",
                table: "messages",
                columns: new[] { "range", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_account_applications_state_begun_at",
                table: "account_applications",
                columns: new[] { "state", "begun_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "account_applications");

            migrationBuilder.DropTable(
                name: "do_not_call_numbers");

            migrationBuilder.DropTable(
                name: "prefix_stops");

            migrationBuilder.DropIndex(
                name: "ix_phone_numbers_user_id_e164",
                table: "phone_numbers");

            migrationBuilder.DropIndex(
                name: "ix_messages_channel_state_due_at",
                table: "messages");

            migrationBuilder.DropIndex(
                name: "ix_messages_range_created_at",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "email_confirmed_at",
                table: "users");

            migrationBuilder.DropColumn(
                name: "scope",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "agreed_at",
                table: "phone_numbers");

            migrationBuilder.DropColumn(
                name: "removed_at",
                table: "phone_numbers");

            migrationBuilder.DropColumn(
                name: "replaces_id",
                table: "phone_numbers");

            migrationBuilder.DropColumn(
                name: "failure",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "parts",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "provider_id",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "range",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "refusals",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "region",
                table: "messages");

            migrationBuilder.CreateIndex(
                name: "ix_phone_numbers_user_id_e164",
                table: "phone_numbers",
                columns: new[] { "user_id", "e164" },
                unique: true);
        }
    }
}
