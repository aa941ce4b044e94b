using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Countersign.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Devices : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "frozen_at",
                table: "users",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "device_trusted_at",
                table: "sessions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ended_at",
                table: "devices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "inherited_tier",
                table: "devices",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "physical_id",
                table: "devices",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "preferred",
                table: "devices",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "device_events",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    device_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    what = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    by_device_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    source = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_device_events", x => new { x.user_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "passkey_ceremonies",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    opener_hash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    state = table.Column<byte[]>(type: "BLOB", maxLength: 4000, nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_passkey_ceremonies", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "physical_devices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    serial = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    status = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    person_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    version = table.Column<int>(type: "INTEGER", nullable: false),
                    state = table.Column<byte[]>(type: "BLOB", maxLength: 16000, nullable: false),
                    imported_at = table.Column<long>(type: "INTEGER", nullable: false),
                    assigned_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_physical_devices", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "repudiations",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    token_hash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    notice = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false),
                    used_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_repudiations", x => new { x.user_id, x.id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_devices_physical_id",
                table: "devices",
                column: "physical_id");

            migrationBuilder.CreateIndex(
                name: "ix_device_events_user_id_device_id",
                table: "device_events",
                columns: new[] { "user_id", "device_id" });

            migrationBuilder.CreateIndex(
                name: "ix_passkey_ceremonies_expires_at",
                table: "passkey_ceremonies",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_physical_devices_kind_serial",
                table: "physical_devices",
                columns: new[] { "kind", "serial" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_physical_devices_person_id",
                table: "physical_devices",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "ix_repudiations_expires_at",
                table: "repudiations",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_repudiations_token_hash",
                table: "repudiations",
                column: "token_hash",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "device_events");

            migrationBuilder.DropTable(
                name: "passkey_ceremonies");

            migrationBuilder.DropTable(
                name: "physical_devices");

            migrationBuilder.DropTable(
                name: "repudiations");

            migrationBuilder.DropIndex(
                name: "ix_devices_physical_id",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "frozen_at",
                table: "users");

            migrationBuilder.DropColumn(
                name: "device_trusted_at",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "ended_at",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "inherited_tier",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "physical_id",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "preferred",
                table: "devices");
        }
    }
}
