using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Countersign.Server.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class MessageClasses : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_messages_channel_state_due_at",
                table: "messages");

            migrationBuilder.AddColumn<string>(
                name: "class",
                table: "messages",
                type: "character varying(32)",
                maxLength: 32,
                nullable: false,
                defaultValue: "Notice");

            migrationBuilder.CreateIndex(
                name: "ix_messages_channel_class_state_due_at",
                table: "messages",
                columns: new[] { "channel", "class", "state", "due_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_messages_channel_class_state_due_at",
                table: "messages");

            migrationBuilder.DropColumn(
                name: "class",
                table: "messages");

            migrationBuilder.CreateIndex(
                name: "ix_messages_channel_state_due_at",
                table: "messages",
                columns: new[] { "channel", "state", "due_at" });
        }
    }
}
