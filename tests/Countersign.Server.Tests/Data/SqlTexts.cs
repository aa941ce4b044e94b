using System.Reflection;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Data;

/// <summary>
/// All statements that the server sends as they are written: those of static fields, in both forms, of sealed columns, of what is kept for
/// a while only, and the INSERT of each table.
/// </summary>
internal static class SqlTexts
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<(string Name, string Text)> Of(CountersignServer server)
    {
        using var db = server.Reader();
        var model = db.Model;
        return
        [
            .. Declared(model), .. Declared<SealedColumn>().SelectMany(c => OfColumn(c, model)),
            .. server.App.Services.GetServices<IOldRows>().SelectMany(old => OfOld(old, model)),
            .. model.GetEntityTypes().Where(Own).Select(t => (t.Name, InsertOf(t, model))),
        ];
    }

    /// <summary>What stands in static fields of a type.</summary>
    public static IEnumerable<T> Declared<T>() => Fields().Where(f => f.FieldType == typeof(T)).Select(f => (T)f.GetValue(null)!);

    private static IEnumerable<FieldInfo> Fields() =>
        typeof(SqlStatement).Assembly.GetTypes().Where(t => !t.ContainsGenericParameters).SelectMany(t => t.GetFields(Static));

    private static IEnumerable<(string, string)> Declared(IModel model)
    {
        foreach (var field in Fields())
        {
            var name = $"{field.DeclaringType!.Name}.{field.Name}";
            if (field.GetValue(null) is SqlStatement statement && !IsSavepoint(statement))
            {
                yield return (name, statement.Text);
                if (statement.Text.StartsWith("UPDATE", StringComparison.Ordinal))
                {
                    yield return (name + ", exactly one", statement.ExactlyOne);
                }
            }
            else if (field.FieldType.IsGenericType && field.FieldType.GetGenericTypeDefinition() == typeof(SqlQuery<>))
            {
                yield return (name, TextOf(field.GetValue(null)!, model));
            }
        }
    }

    private static bool IsSavepoint(SqlStatement statement) =>
        statement.Text.Split(' ')[0] is "SAVEPOINT" or "RELEASE" or "ROLLBACK";

    private static IEnumerable<(string, string)> OfColumn(SealedColumn column, IModel model) =>
        [(column.Name, TextOf(column.Next, model)), (column.Name, column.Renew.Text)];

    private static IEnumerable<(string, string)> OfOld(IOldRows old, IModel model)
    {
        var (find, delete) = old.StatementsIn(model);
        return [("old rows", find.Text), ("old rows", delete.Text)];
    }

    /// <summary>OpenIddict adds its rows by itself, and Entity Framework what is only known to it.</summary>
    private static bool Own(IEntityType type) =>
        type.ClrType.Assembly == typeof(SqlStatement).Assembly && type.GetProperties().All(p => p.PropertyInfo is not null);

    private static string InsertOf(IEntityType type, IModel model)
    {
        var rows = typeof(Rows<>).MakeGenericType(type.ClrType).GetMethod(nameof(Rows<object>.Of))!.Invoke(null, [model])!;
        return ((SqlStatement)rows.GetType().GetProperty(nameof(Rows<object>.Insert))!.GetValue(rows)!).Text;
    }

    private static string TextOf(object query, IModel model)
    {
        var read = query.GetType().GetMethod(nameof(SqlQuery<object>.In))!.Invoke(query, [model])!;
        return ((SqlStatement)read.GetType().GetProperty(nameof(SqlRead<object>.Statement))!.GetValue(read)!).Text;
    }
}
