using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Countersign.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ReleaseRequests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "release_requests",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    @operator = table.Column<string>(name: "operator", type: "TEXT", maxLength: 64, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_release_requests", x => new { x.user_id, x.@operator });
                });

            migrationBuilder.CreateIndex(
                name: "ix_release_requests_at",
                table: "release_requests",
                column: "at");

            // No authenticator's own word gives a tier any more (D33). Counts from before there was a limit stand one below it, so that who
            // reaches it is told (D9).
            migrationBuilder.Sql("UPDATE devices SET tier = 'passkey-synced' WHERE tier = 'passkey-bound'");
            migrationBuilder.Sql("UPDATE credentials SET tries_known = 99 WHERE tries_known > 99");
            migrationBuilder.Sql("UPDATE credentials SET tries_unknown = 99 WHERE tries_unknown > 99");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "release_requests");
        }
    }
}
