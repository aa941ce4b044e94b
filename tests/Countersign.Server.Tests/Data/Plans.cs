using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Countersign.Server.Tests.Data;

/// <summary>How a database goes about a statement, and where it reads a table from end to end that grows with users or with use.</summary>
internal static partial class Plans
{
    private static readonly string[] Growing =
    [
        "users", "people", "accounts", "account_users", "account_holders", "phone_numbers", "devices", "credentials", "device_events",
        "challenges", "messages", "sessions", "rations", "audit_events", "admitted_codes", "repudiations", "passkey_ceremonies",
        "spent_proofs", "idempotency_keys", "account_applications", "topic_choices", "do_not_call_numbers", "gathered_notices",
    ];

#pragma warning disable CA2100 // What the program asks for.
    /// <param name="explain">A command on the connection, with the values.</param>
    public static string Of(DbCommand explain, string statement)
    {
        var onSqlite = explain is SqliteCommand;
        explain.CommandText = (onSqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + statement;
        using var rows = explain.ExecuteReader();
        var plan = new List<string>();
        while (rows.Read())
        {
            plan.Add(rows.GetString(onSqlite ? 3 : 0));
        }

        return string.Join('\n', plan);
    }
#pragma warning restore CA2100

    public static IEnumerable<string> Scans(string statement, string plan)
    {
        var aliases = Alias().Matches(statement).ToLookup(m => m.Groups["alias"].Value, m => m.Groups["table"].Value);
        return from scan in Scan().Matches(plan)
               let name = scan.Groups["table"].Value
               let table = aliases[name].FirstOrDefault() ?? name
               where Growing.Contains(table)
               select $"{table} is read from end to end: {statement}\n{plan}";
    }

    [GeneratedRegex("\"?(?<table>[a-z_]+)\"? (?:AS )?\"?(?<alias>[a-z][a-z0-9]*)\"?")]
    private static partial Regex Alias();

    /// <summary>As SQLite and PostgreSQL write it.</summary>
    [GeneratedRegex(@"\bSCAN (?<table>\w+)|Seq Scan on (?<table>\w+)")]
    private static partial Regex Scan();
}
