using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Countersign.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Contacts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "email_trusted_at",
                table: "users",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "address_trusted_at",
                table: "people",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "former_emails",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 254, nullable: false),
                    told_until = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_former_emails", x => new { x.user_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "wanted_emails",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 254, nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_wanted_emails", x => x.user_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_former_emails_told_until",
                table: "former_emails",
                column: "told_until");

            migrationBuilder.CreateIndex(
                name: "ix_wanted_emails_expires_at",
                table: "wanted_emails",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "former_emails");

            migrationBuilder.DropTable(
                name: "wanted_emails");

            migrationBuilder.DropColumn(
                name: "email_trusted_at",
                table: "users");

            migrationBuilder.DropColumn(
                name: "address_trusted_at",
                table: "people");
        }
    }
}
