using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Countersign.Server.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SessionOfChallenges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "session_id",
                table: "challenges",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_challenges_user_id_session_id",
                table: "challenges",
                columns: new[] { "user_id", "session_id" },
                filter: "state IN ('Pending', 'Prompted', 'Approved')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_challenges_user_id_session_id",
                table: "challenges");

            migrationBuilder.DropColumn(
                name: "session_id",
                table: "challenges");
        }
    }
}
