using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Options;

namespace Countersign.Server;

/// <summary>
/// Refuses settings that nobody reads and values that are not of their kind. A limit whose name is misspelt would without a word be the
/// default.
/// </summary>
internal static class KnownSettings
{
    private const string Member = "*";

    /// <summary>Sections of the framework's, which may stand beside ours.</summary>
    private static readonly string[] Frameworks = ["Logging", "Kestrel", "AllowedHosts", "OTEL"];

    /// <exception cref="StartException">Names each setting that is wrong.</exception>
    public static void Check(IServiceCollection services, ConfigurationManager configuration)
    {
        var known = new Name(string.Empty);
        foreach (var type in services.Select(s => s.ServiceType).Where(IsOfOptions).Select(t => t.GenericTypeArguments[0]).Distinct())
        {
            if (type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() is string section)
            {
                known.At(section).AddProperties(type);
            }
        }

        var faults = known.Below
            .SelectMany(s => Faults(s.Value, configuration.GetSection(s.Key)))
            .Concat(Strange(known, configuration))
            .ToList();
        if (faults.Count > 0)
        {
            throw new StartException(string.Join(' ', faults));
        }
    }

    private static bool IsOfOptions(Type service) =>
        service.IsConstructedGenericType && service.GetGenericTypeDefinition() == typeof(IOptionsChangeTokenSource<>);

    /// <summary>
    /// In files and on the command line all sections are ours or the framework's. What else stands in the environment is not our business.
    /// </summary>
    private static IEnumerable<string> Strange(Name known, IConfigurationRoot configuration) =>
        from provider in configuration.Providers
        where provider is JsonConfigurationProvider or MemoryConfigurationProvider
        from section in provider.GetChildKeys([], parentPath: null).Distinct(StringComparer.OrdinalIgnoreCase)
        where provider.GetChildKeys([], section).Any()
            && !known.Below.ContainsKey(section)
            && !Frameworks.Contains(section, StringComparer.OrdinalIgnoreCase)
        select $"There are no settings {section}:…; the nearest section is {Nearest(section, known.Below.Keys)}.";

    private static IEnumerable<string> Faults(Name name, IConfigurationSection at)
    {
        var children = at.GetChildren().ToList();
        if (name.Kind is { } kind && children.Count == 0)
        {
            return string.IsNullOrEmpty(at.Value) || Fits(at.Value, kind)
                ? []
                : [$"The setting {at.Path} cannot be {at.Value}: it takes {InWords(kind)}."];
        }

        if (name.IsList && !string.IsNullOrEmpty(at.Value))
        {
            return [$"The setting {at.Path} is a list, whose members are numbered: {at.Path}:0."];
        }

        return children.SelectMany(child =>
            (name.Below.GetValueOrDefault(child.Key) ?? name.Below.GetValueOrDefault(Member)) is { } next
                ? Faults(next, child)
                : [$"There is no setting {child.Path}; the nearest is {NearestTo(child.Path, name, at.Path)}."]);
    }

    private static string NearestTo(string path, Name parent, string parentPath) =>
        Nearest(path, parent.Below.Values.SelectMany(n => n.Leaves(parentPath)).DefaultIfEmpty(parentPath));

    private static string Nearest(string name, IEnumerable<string> known) =>
        known.OrderBy(k => Distance(name.ToUpperInvariant(), k.ToUpperInvariant())).ThenBy(k => Math.Abs(k.Length - name.Length)).First();

    /// <summary>How many characters have to be put in, taken out or changed (Levenshtein).</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var changed = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j - 1], row[j]) + 1);
            }
        }

        return row[^1];
    }

    private static bool Fits(string value, Type kind)
    {
        if (kind == typeof(string))
        {
            return true;
        }

        if (kind.IsEnum)
        {
            return Enum.TryParse(kind, value, ignoreCase: true, out _);
        }

        if (kind == typeof(TimeSpan))
        {
            return TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out _);
        }

        try
        {
            return Convert.ChangeType(value, kind, CultureInfo.InvariantCulture) is not null;
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException)
        {
            return false;
        }
    }

    private static string InWords(Type kind) => kind switch
    {
        { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(kind)),
        _ when kind == typeof(TimeSpan) => "a time, as [days.]hours:minutes:seconds",
        _ when kind == typeof(bool) => "true or false",
        _ when kind == typeof(double) || kind == typeof(decimal) => "a number",
        _ => "a whole number",
    };

    /// <summary>A part of the names of settings, and what may come after it.</summary>
    private sealed class Name(string text)
    {
        public Dictionary<string, Name> Below { get; } = new(StringComparer.OrdinalIgnoreCase);

        /// <summary>What a value here is; null where there is none.</summary>
        public Type? Kind { get; private set; }

        public bool IsList { get; private set; }

        public Name At(string path)
        {
            var at = this;
            foreach (var part in path.Split(':'))
            {
                at = at.Below.TryGetValue(part, out var next) ? next : at.Below[part] = new Name(part);
            }

            return at;
        }

        public void AddProperties(Type type)
        {
            foreach (var property in type.GetProperties().Where(IsBound))
            {
                At(property.Name).Take(property.PropertyType);
            }
        }

        /// <summary>The names of all values from here on.</summary>
        public IEnumerable<string> Leaves(string before)
        {
            var path = before.Length == 0 ? text : $"{before}:{text}";
            return Below.Count == 0 ? [path] : Below.Values.SelectMany(b => b.Leaves(path));
        }

        private void Take(Type type)
        {
            var value = Nullable.GetUnderlyingType(type) ?? type;
            if (value == typeof(string) || value.IsValueType)
            {
                Kind = value;
            }
            else if (value.IsAssignableTo(typeof(IEnumerable)))
            {
                IsList = true;
                At(Member).Take(value.GenericTypeArguments[^1]);
            }
            else
            {
                AddProperties(value);
            }
        }

        /// <summary>The binder fills lists, but no property that is only initialised.</summary>
        private static bool IsBound(PropertyInfo property) => property.SetMethod is { IsPublic: true } setter
            ? !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))
            : property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable));
    }
}
