using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Countersign.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ReachAndBar : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "funded_at",
                table: "accounts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "held_since",
                table: "devices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "hold_notice_at",
                table: "devices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "reach_strength",
                table: "devices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "was_trusted",
                table: "devices",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "ix_devices_hold_notice_at",
                table: "devices",
                column: "hold_notice_at",
                filter: "hold_notice_at IS NOT NULL");

            // What rests or was lost before goes on counting, as if a weaker device had said so: for three days that is the safe side.
            migrationBuilder.Sql("UPDATE devices SET was_trusted = TRUE WHERE trusted_at <= ended_at AND status IN ('Suspended', 'Lost')");
            migrationBuilder.Sql("UPDATE devices SET held_since = ended_at WHERE status IN ('Suspended', 'Lost')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "funded_at",
                table: "accounts");

            migrationBuilder.DropIndex(
                name: "ix_devices_hold_notice_at",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "held_since",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "hold_notice_at",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "reach_strength",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "was_trusted",
                table: "devices");
        }
    }
}
