using Microsoft.EntityFrameworkCore.Migrations;

namespace Countersign.Testing;

/// <summary>
/// A migration that no release has, of the kind that releases have: columns with a default for tables that every sign-in changes, an index
/// for one of them, and a table.
/// </summary>
public sealed class TrialMigration : Migration
{
    private readonly int _number;

    public TrialMigration(int number)
    {
        _number = number;
        ActiveProvider = "Npgsql.EntityFrameworkCore.PostgreSQL";
    }

    public string Id => $"29990101{_number:D6}_Trial";

    public string Table => $"trial_{_number}";

    /// <summary>Of each table that it changes.</summary>
    public string Column => $"trial_{_number}";

    public string Index => $"ix_sessions_trial_{_number}";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var table in (string[])["sessions", "challenges", "credentials", "audit_events"])
        {
            migrationBuilder.AddColumn<int>(name: Column, table: table, type: "integer", nullable: false, defaultValue: 0);
        }

        migrationBuilder.CreateIndex(name: Index, table: "sessions", columns: [Column, "user_id"]);
        migrationBuilder.CreateTable(
            name: Table,
            columns: table => new { id = table.Column<long>(type: "bigint", nullable: false) },
            constraints: table => table.PrimaryKey("pk_" + Table, t => t.id));
        migrationBuilder.CreateIndex(name: "ix_" + Table, table: Table, columns: ["id"]);
    }
}
