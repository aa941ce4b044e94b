// Nobody calls these: their signatures are looked at.
#pragma warning disable CA1051, CA1822, CS0649, CS9113, IDE0060

namespace Countersign.Server.Tests.Guards.ReachSamples;

internal class Secret;

internal sealed class Heir : Secret;

internal interface IKeeper
{
    Secret Open();
}

internal abstract class TakesIt(Secret secret);

internal abstract class TakesAHeir(Heir heir);

internal abstract class TakesItInACall
{
    public abstract void Do(Secret secret);
}

internal abstract class Returns
{
    internal abstract Task<Secret> OpenAsync();
}

internal abstract class TakesOneThatReturnsIt(Returns returns);

internal abstract class ReturnsMany
{
    public abstract Task<IReadOnlyDictionary<int, Secret[]>> OpenAsync();
}

internal abstract class TakesOneThatReturnsManyLater(Func<Task<ReturnsMany>> returns);

internal abstract class Holds
{
    internal Secret? Field;
}

internal abstract class TakesOneThatHoldsIt(Holds holds);

internal abstract class HandsOut
{
    public abstract bool TryOpen(out Secret? secret);
}

internal abstract class TakesOneThatHandsItOut(HandsOut hands);

internal delegate void Take(int number, Secret secret);

internal abstract class CallsBack
{
    public abstract void Open(Take take);
}

internal abstract class TakesOneThatCallsBack(CallsBack calls);

internal abstract class Step
{
    internal abstract Returns Next();
}

internal abstract class TakesOneByAStep(Step step);

internal abstract class Inherits : Returns;

internal abstract class TakesOneThatInheritsIt(Inherits inherits);

internal interface IBase
{
    Secret Secret { get; }
}

internal interface IDerived : IBase;

internal abstract class TakesAnInterface(IEnumerable<IDerived> all);

internal abstract class Base
{
    protected abstract Secret Open();
}

internal abstract class Derives : Base;

internal abstract class Keeper : IKeeper
{
    public abstract Secret Open();
}

internal abstract class TakesAKeeper(IEnumerable<IKeeper> keepers, Keeper keeper);

internal abstract class Hides(Returns returns)
{
    public int Do() => Open().GetHashCode();

    protected Secret Heir() => new();

    private Task<Secret> Open() => returns.OpenAsync();
}

internal abstract class TakesOneThatHidesIt(Hides hides);

internal abstract class MadeOfItself<T>
{
    public abstract MadeOfItself<MadeOfItself<T>> Next();
}

internal abstract class TakesOneMadeOfItself<T>(MadeOfItself<T> one);
