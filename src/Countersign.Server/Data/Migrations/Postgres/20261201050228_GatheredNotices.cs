using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Countersign.Server.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class GatheredNotices : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "tell_from",
                table: "enrolment_requests",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "gathered_notices",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    notice = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    channel = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    times = table.Column<int>(type: "integer", nullable: false),
                    since = table.Column<long>(type: "bigint", nullable: false),
                    due_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_gathered_notices", x => new { x.user_id, x.notice, x.channel });
                });

            migrationBuilder.CreateIndex(
                name: "ix_gathered_notices_due_at",
                table: "gathered_notices",
                column: "due_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "gathered_notices");

            migrationBuilder.DropColumn(
                name: "tell_from",
                table: "enrolment_requests");
        }
    }
}
