using System.Reflection;

namespace Countersign.Server.Tests.Guards;

/// <summary>
/// What a class can get hold of through what it is given: its constructors' parameters, its fields, what its methods take and return,
/// and from there by whatever is public or internal: fields, properties, what methods return, and what they hand to a callback.
/// </summary>
/// <param name="assembly">Whose types are looked into.</param>
/// <param name="forbidden">What nobody may get hold of.</param>
/// <param name="mayHold">Types that may, and that are therefore not looked into.</param>
internal sealed class Reach(Assembly assembly, Type forbidden, Func<Type, bool> mayHold)
{
    private const BindingFlags Own =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const BindingFlags All =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

    // Generic types that are made of themselves have no end.
    private const int DeepestGeneric = 6;

    /// <summary>The ways from a class to the forbidden type, each the shortest to the member that yields it.</summary>
    public IReadOnlyList<string> WaysFrom(Type start)
    {
        var ways = new List<string>();
        var seen = new HashSet<Type> { start };
        var next = new Queue<(Type Type, string Way)>();

        foreach (var (type, name) in Given(start))
        {
            Follow(type, $"{Name(start)}{name}");
        }

        while (next.TryDequeue(out var reached))
        {
            foreach (var (type, name) in Offered(reached.Type))
            {
                Follow(type, $"{reached.Way} → {Name(reached.Type)}{name}");
            }
        }

        return ways;

        void Follow(Type type, string way)
        {
            foreach (var part in Parts(type))
            {
                if (forbidden.IsAssignableFrom(part))
                {
                    ways.Add(way);
                }
                else if (part.Assembly == assembly && !part.IsEnum && !mayHold(part) && seen.Add(part))
                {
                    next.Enqueue((part, way));
                }
            }
        }
    }

    /// <summary>What the class itself, and those of its base classes that are ours, are made with and called with.</summary>
    private IEnumerable<(Type Type, string Name)> Given(Type start)
    {
        for (var type = start; type is not null && type.Assembly == assembly; type = type.BaseType)
        {
            foreach (var field in type.GetFields(Own))
            {
                yield return (field.FieldType, "." + field.Name);
            }

            foreach (var method in type.GetConstructors(Own).Cast<MethodBase>().Concat(type.GetMethods(Own)))
            {
                foreach (var parameter in method.GetParameters())
                {
                    yield return (parameter.ParameterType, $".{method.Name}({parameter.Name})");
                }

                if (method is MethodInfo { ReturnType: var returned })
                {
                    yield return (returned, $".{method.Name}()");
                }
            }
        }
    }

    /// <summary>What whoever holds such an object gets from it.</summary>
    private static IEnumerable<(Type Type, string Name)> Offered(Type type)
    {
        foreach (var one in type.GetInterfaces().Prepend(type))
        {
            foreach (var field in one.GetFields(All).Where(f => f.IsPublic || f.IsAssembly || f.IsFamilyOrAssembly))
            {
                yield return (field.FieldType, "." + field.Name);
            }

            // A property is its methods.
            foreach (var method in one.GetMethods(All).Where(m => m.IsPublic || m.IsAssembly || m.IsFamilyOrAssembly))
            {
                yield return (method.ReturnType, $".{method.Name}()");
                foreach (var parameter in method.GetParameters().Where(
                    p => p.IsOut || p.ParameterType.IsByRef || IsCallback(p.ParameterType)))
                {
                    yield return (parameter.ParameterType, $".{method.Name}({parameter.Name})");
                }
            }
        }

        if (IsCallback(type))
        {
            foreach (var parameter in type.GetMethod("Invoke")!.GetParameters())
            {
                yield return (parameter.ParameterType, $"({parameter.Name})");
            }
        }
    }

    private static bool IsCallback(Type type) => typeof(Delegate).IsAssignableFrom(type);

    /// <summary>The type and all that it is made of: <c>Task&lt;Result&lt;T&gt;&gt;</c> yields a <c>T</c>.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
        {
            return Parts(type.GetElementType()!);
        }

        if (type.IsGenericParameter || Depth(type) > DeepestGeneric)
        {
            return [];
        }

        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Prepend(type) : [type];
    }

    private static int Depth(Type type) => type.IsGenericType ? 1 + type.GetGenericArguments().Max(Depth) : 0;

    private static string Name(Type type) => type.IsGenericType ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] : type.Name;
}
