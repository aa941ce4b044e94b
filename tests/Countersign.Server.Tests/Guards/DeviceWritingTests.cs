using System.Text.RegularExpressions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Tests.Guards.Arrows;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Countersign.Server.Tests.Guards;

/// <summary>
/// A device's row changes in one class, and whatever changes it writes that down: read from the compiled code, so that a second place
/// cannot come up unseen. What is written down is tested in <c>OneLifeTests</c>.
/// </summary>
public sealed partial class DeviceWritingTests
{
    // The one step that most acts share, and where it and the others write the change down.
    private const string Step = "ChangeAsync";

    private static readonly string[] Writing = ["ExecuteUpdate", "ExecuteUpdateAsync", "ExecuteDelete", "ExecuteDeleteAsync"];

    [Fact]
    public void Only_one_class_writes_the_row_of_a_device() =>
        Assert.Equal([typeof(DeviceLife).FullName], Calls().Where(c => Writes(c.Called)).Select(c => c.Type).Distinct());

    [Fact]
    public void Each_act_that_writes_it_writes_that_down()
    {
        var acts = Calls().Where(c => c.Type == typeof(DeviceLife).FullName).ToLookup(c => c.Act, c => c.Called);
        var writing = acts.Where(act => act.Any(Writes)).Select(act => act.Key).ToList();

        Assert.True(writing.Count > 5, string.Join(", ", writing));
        Assert.Contains(acts[Step], Records);
        Faults.None(writing.Where(act => !acts[act].Any(called => Records(called) || called.Name == Step)));
    }

    private static bool Records(MethodReference called) =>
        called.Name == nameof(DeviceRecord.AddAsync) && called.DeclaringType.FullName == typeof(DeviceRecord).FullName;

    private static bool Writes(MethodReference called) =>
        called is GenericInstanceMethod generic && Writing.Contains(called.Name)
            ? generic.GenericArguments[0].FullName == typeof(Device).FullName
            : called.DeclaringType.FullName == typeof(Device).FullName
                && (called.Name == ".ctor" || called.Name.StartsWith("set_", StringComparison.Ordinal));

    private static List<(string Type, string Act, MethodReference Called)> Calls()
    {
        using var module = ModuleDefinition.ReadModule(typeof(CountersignHost).Assembly.Location);
        return [.. from type in module.GetTypes()
                   from method in type.Methods
                   where method.HasBody
                   from instruction in method.Body.Instructions
                   where instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Newobj
                   select (NamedTypes.Outermost(type).FullName, Act(method), (MethodReference)instruction.Operand)];
    }

    /// <summary>The method as it was written: the compiler makes types and methods of its own of what waits and of lambdas.</summary>
    private static string Act(MethodDefinition method)
    {
        if (WrittenName().Match(method.Name) is { Success: true } lambda)
        {
            return lambda.Groups[1].Value;
        }

        for (var type = method.DeclaringType; type is not null; type = type.DeclaringType)
        {
            if (WrittenName().Match(type.Name) is { Success: true } made)
            {
                return made.Groups[1].Value;
            }
        }

        return method.Name;
    }

    [GeneratedRegex("^<([A-Za-z]+)>")]
    private static partial Regex WrittenName();
}
