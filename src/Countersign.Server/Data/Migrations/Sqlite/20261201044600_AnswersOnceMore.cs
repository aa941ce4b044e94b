using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Countersign.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class AnswersOnceMore : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "answered_at",
                table: "challenges",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "answered_at",
                table: "challenges");
        }
    }
}
