using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Countersign.Server.Data;

/// <summary>
/// How rows of one table are read and added by statements: columns, conversions and the INSERT all come from the model, once, so that no
/// list of columns is written twice.
/// </summary>
internal sealed class Rows<T>
    where T : class
{
    private static readonly string Kept = "countersign:rows:" + typeof(T).FullName;
    private static readonly MethodInfo Getter = typeof(DbDataReader).GetMethod(nameof(DbDataReader.GetFieldValue))!;

    private readonly IReadOnlyList<string> _columns;
    private readonly Func<DbDataReader, int, T> _read;
    private readonly Func<T, object?[]> _values;
    private readonly Func<T, object?[]> _key;
    private readonly Func<string, string> _columnOf;

    private Rows(IModel model)
    {
        var type = model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T)} is no table of the model.");
        var table = StoreObjectIdentifier.Table(type.GetTableName()!, type.GetSchema());
        List<IProperty> properties = [.. type.GetProperties()];
        _columns = properties.ConvertAll(p => p.GetColumnName(table)!);
        _read = Reader(properties);

        // What the database fills in by itself is not sent.
        var sent = properties.FindAll(p => p.GetBeforeSaveBehavior() == PropertySaveBehavior.Save);
        _values = Values(sent, stored: true);
        var key = type.FindPrimaryKey()!.Properties;
        _key = Values(key, stored: false);
        Table = type.GetTableName()!;
        Key = [.. key.Select(p => p.GetColumnName(table)!)];
        _columnOf = property => type.FindProperty(property)!.GetColumnName(table)!;
        Into = $"{Table} ({string.Join(", ", sent.Select(p => p.GetColumnName(table)))})";
        Insert = new SqlStatement($"INSERT INTO {Into} VALUES ({string.Join(", ", sent.Select((_, i) => $"${i + 1}"))})");
    }

    /// <summary>Adds a row, its values as <see cref="ValuesOf"/> gives them.</summary>
    public SqlStatement Insert { get; }

    /// <summary>The table and, in brackets, the columns that <see cref="Insert"/> fills.</summary>
    public string Into { get; }

    public string Table { get; }

    /// <summary>The columns of the primary key.</summary>
    public IReadOnlyList<string> Key { get; }

    /// <summary>How many columns a row has.</summary>
    public int Width => _columns.Count;

    public static Rows<T> Of(IModel model) =>
        model.GetOrAddRuntimeAnnotationValue(Kept, static m => new Rows<T>(m!), model);

    /// <summary>The columns of a table that a query calls <paramref name="alias"/>.</summary>
    public string Columns(string alias) => string.Join(", ", _columns.Select(c => $"{alias}.{c}"));

    /// <param name="first">The place of its first column in the row.</param>
    public T Read(DbDataReader row, int first) => _read(row, first);

    /// <summary>Null where the columns are those of an outer join that found nothing: the first one belongs to the key.</summary>
    public T? ReadIfAny(DbDataReader row, int first) => row.IsDBNull(first) ? null : _read(row, first);

    public object?[] ValuesOf(T row) => _values(row);

    public object?[] KeyOf(T row) => _key(row);

    public string ColumnOf(string property) => _columnOf(property);

    private static Func<DbDataReader, int, T> Reader(IReadOnlyList<IProperty> properties)
    {
        var (row, first) = (Expression.Parameter(typeof(DbDataReader)), Expression.Parameter(typeof(int)));
        var set = properties.Select(
            (p, i) => Expression.Bind(p.PropertyInfo!, Read(p, row, Expression.Add(first, Expression.Constant(i)))));
        return Expression.Lambda<Func<DbDataReader, int, T>>(Expression.MemberInit(Expression.New(typeof(T)), set), row, first).Compile();
    }

    private static Expression Read(IProperty property, Expression row, Expression at)
    {
        var converter = property.GetTypeMapping().Converter;
        var stored = converter?.ProviderClrType ?? Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        Expression value = Expression.Call(row, Getter.MakeGenericMethod(stored), at);
        value = converter is null ? value : Expression.Invoke(converter.ConvertFromProviderExpression, value);
        value = value.Type == property.ClrType ? value : Expression.Convert(value, property.ClrType);
        var isNull = Expression.Call(row, nameof(DbDataReader.IsDBNull), null, at);
        return property.IsNullable ? Expression.Condition(isNull, Expression.Default(property.ClrType), value) : value;
    }

    /// <param name="stored">As they are stored; else as the class has them.</param>
    private static Func<T, object?[]> Values(IEnumerable<IProperty> properties, bool stored)
    {
        var row = Expression.Parameter(typeof(T));
        var values = properties.Select(p => Value(p, Expression.Property(row, p.PropertyInfo!), stored));
        return Expression.Lambda<Func<T, object?[]>>(Expression.NewArrayInit(typeof(object), values), row).Compile();
    }

    private static Expression Value(IProperty property, Expression value, bool stored)
    {
        if (!stored || property.GetTypeMapping().Converter is not { } converter)
        {
            return Expression.Convert(value, typeof(object));
        }

        var plain = Nullable.GetUnderlyingType(property.ClrType) is { } inner ? Expression.Convert(value, inner) : value;
        var converted = Expression.Convert(Expression.Invoke(converter.ConvertToProviderExpression, plain), typeof(object));
        return property.IsNullable
            ? Expression.Condition(
                Expression.Equal(value, Expression.Constant(null, value.Type)), Expression.Constant(null, typeof(object)), converted)
            : converted;
    }
}
