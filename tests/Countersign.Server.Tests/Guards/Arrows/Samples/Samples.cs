// What nobody calls is still compiled, and that is all that these are for.
#pragma warning disable CA1801, CA1822, CA1823, CA1852, CS0169, CS0414, CS0649, IDE0051, IDE0052, IDE0060

namespace Countersign.Server.Tests.Guards.Arrows.Samples;

internal class Used : Exception
{
    public const int Constant = 1;

    public static void Call()
    {
    }

    internal sealed class Nested;
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class MarkAttribute(params Type[] types) : Attribute
{
    public IReadOnlyList<Type> Types => types;

    public Type? One { get; set; }
}

internal abstract class InASignature
{
    public abstract void Do(Used[] used);
}

internal abstract class InAGenericArgument
{
    public abstract Task<IReadOnlyDictionary<string, Used?>> DoAsync();
}

[Mark(One = typeof(Used))]
internal sealed class InAnAttribute;

[Mark(typeof(int), typeof(Used))]
internal sealed class InAnAttributesArray;

internal sealed class InAField
{
    private readonly List<Used>? _used;
}

internal sealed class InAConstraint
{
    public void Do<T>()
        where T : Used
    {
    }
}

internal sealed class InALambda
{
    public Func<object, bool> Do(int number) => o => number > 0 && o is Used;
}

internal sealed class InAnAsyncMethod
{
    public async Task DoAsync()
    {
        await Task.CompletedTask;
        Used.Call();
    }
}

internal sealed class InAnIterator
{
    public IEnumerable<object> Do()
    {
        yield return new Used();
    }
}

internal sealed class ByMaking
{
    public object Do() => new Used();
}

internal sealed class ByAStaticCall
{
    public void Do() => Used.Call();
}

internal sealed class ByItsType
{
    public string Do() => typeof(Used).Name;
}

internal sealed class ByACast
{
    public object Do(object one) => (Used)one;
}

internal sealed class ByAGenericCall
{
    public int Do(object[] all) => all.OfType<Used>().Count();
}

internal sealed class ByCatching
{
    public bool Do(Action act)
    {
        try
        {
            act();
            return true;
        }
        catch (Used)
        {
            return false;
        }
    }
}

internal sealed class InANestedType
{
    internal sealed class Nested
    {
        public void Do() => Used.Call();
    }
}

internal sealed class ByANestedType
{
    public object Do() => new Used.Nested();
}

/// <summary>Uses nothing but a constant, whose name the compiler forgets.</summary>
internal sealed class Stranger
{
    public int Do() => Used.Constant;
}
