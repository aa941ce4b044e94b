using Countersign.Server.Features.Confirming.SentCodes;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Platforms.TopicMessages;
using Countersign.Server.Tests.Data;
using Countersign.Server.Tests.Guards.Arrows;
using Countersign.Server.Tests.Hosting;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Countersign.Server.Tests.Guards;

/// <summary>
/// Every send passes the shield (D34), read from the compiled code: one class makes rows of messages, it asks the shield, and whoever sends
/// goes through it. A second way out cannot come up unseen.
/// </summary>
public sealed class MessageWritingTests(OnSqlite server)
{
    [Fact]
    [Claim("D34")]
    public void One_class_makes_messages_and_lets_them_through()
    {
        Assert.Equal([typeof(Outbox).FullName], CallersOf(typeof(Message), ".ctor"));
        Assert.Equal([typeof(Outbox).FullName], CallersOf(typeof(Admitted), ".ctor"));
    }

    [Fact]
    public void That_class_alone_asks_the_shield() => Assert.All(
        (string[])[nameof(MessageShield.AdmitSmsAsync), nameof(MessageShield.AdmitCallAsync), nameof(MessageShield.AdmitMailAsync),
            nameof(MessageShield.AdmitOtherAsync)],
        admits => Assert.Equal([typeof(Outbox).FullName], CallersOf(typeof(MessageShield), admits)));

    /// <summary>A new sender says here how often it may send, and has a test of that.</summary>
    [Fact]
    public void Three_senders_there_are()
    {
        Assert.Equal([typeof(MessageCodes).FullName], CallersOf(typeof(Outbox), nameof(Outbox.AdmitCodeAsync)));
        Assert.Equal(
            [typeof(NoticeBoard).FullName, typeof(SendTopicMessage).FullName], CallersOf(typeof(Outbox), nameof(Outbox.AddAsync)));
    }

    [Fact]
    public void No_statement_adds_one() => Assert.Single(
        SqlTexts.Of(server).Select(s => s.Text).Distinct(),
        text => text.Contains("INSERT INTO messages", StringComparison.OrdinalIgnoreCase));

    private static IReadOnlyList<string?> CallersOf(Type type, string method)
    {
        using var module = ModuleDefinition.ReadModule(typeof(CountersignHost).Assembly.Location);
        return [.. (from caller in module.GetTypes()
                    from body in caller.Methods
                    where body.HasBody
                    from instruction in body.Body.Instructions
                    where instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Newobj
                    let called = (MethodReference)instruction.Operand
                    where called.Name == method && called.DeclaringType.FullName == type.FullName
                    let maker = NamedTypes.Outermost(caller).FullName
                    where maker != type.FullName
                    select maker).Distinct().Order(StringComparer.Ordinal)];
    }
}
