using System.Reflection;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Countersign.Server.Tests.Data;

/// <summary>Each statement that is written as SQL is one that both databases take, whatever values come.</summary>
public abstract class SqlStatementTests(CountersignServer server)
{
    [Fact]
    public async Task Every_one_can_be_prepared()
    {
        await using var db = server.Reader();
        await db.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var refused = new List<string>();
        foreach (var (name, text) in Texts(db.Model))
        {
            try
            {
                Prepare(db, text);
            }
            catch (Exception e) when (e is PostgresException or SqliteException)
            {
                refused.Add($"{name}: {e.Message}");
            }
        }

        await db.Database.CloseConnectionAsync();
        Faults.None(refused);
    }

    [Fact]
    public void They_are_found()
    {
        using var db = server.Reader();
        Assert.True(Texts(db.Model).Count() > 15);
    }

#pragma warning disable CA2100 // Constant text of the program.
    private static void Prepare(CountersignDbContext db, string text)
    {
        if (db.Database.GetDbConnection() is SqliteConnection sqlite)
        {
            // Preparing alone compiles nothing here: EXPLAIN does, and runs nothing.
            using var explained = sqlite.CreateCommand();
            explained.CommandText = "EXPLAIN " + text;
            for (var i = 1; i <= 20; i++)
            {
                explained.Parameters.AddWithValue($"${i}", DBNull.Value);
            }

            using var plan = explained.ExecuteReader();
            return;
        }

        // PREPARE asks for the type of each value, and none is told: as for one that is null.
        using var prepared = db.Database.GetDbConnection().CreateCommand();
        prepared.CommandText = $"PREPARE looked AS {text}";
        prepared.ExecuteNonQuery();
        prepared.CommandText = "DEALLOCATE looked";
        prepared.ExecuteNonQuery();
    }
#pragma warning restore CA2100

    /// <summary>All of them stand in static fields, of type <see cref="SqlStatement"/> or <see cref="SqlQuery{T}"/>.</summary>
    private static IEnumerable<(string Name, string Text)> Texts(IModel model) => Fixed(model).Concat(
        from type in typeof(SealedColumn).Assembly.GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where field.FieldType == typeof(SealedColumn)
        let column = (SealedColumn)field.GetValue(null)!
        from text in new[] { TextOf(column.Next, model), column.Renew.Text }
        select (column.Name, text));

    private static IEnumerable<(string Name, string Text)> Fixed(IModel model) =>
        from type in typeof(SqlStatement).Assembly.GetTypes()
        where !type.ContainsGenericParameters
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let text = field.FieldType == typeof(SqlStatement) ? ((SqlStatement)field.GetValue(null)!).Text
            : field.FieldType.IsGenericType && field.FieldType.GetGenericTypeDefinition() == typeof(SqlQuery<>)
                ? TextOf(field.GetValue(null)!, model) : null
        where text is not null && !text.StartsWith("SAVEPOINT", StringComparison.Ordinal)
            && !text.StartsWith("RELEASE", StringComparison.Ordinal) && !text.StartsWith("ROLLBACK", StringComparison.Ordinal)
        select ($"{type.Name}.{field.Name}", text);

    private static string TextOf(object query, IModel model)
    {
        var read = query.GetType().GetMethod(nameof(SqlQuery<object>.In))!.Invoke(query, [model])!;
        return ((SqlStatement)read.GetType().GetProperty(nameof(SqlRead<object>.Statement))!.GetValue(read)!).Text;
    }
}

public sealed class SqlStatementsOnSqlite(OnSqlite server) : SqlStatementTests(server);

public sealed class SqlStatementsOnPostgres(OnPostgres server) : SqlStatementTests(server);
