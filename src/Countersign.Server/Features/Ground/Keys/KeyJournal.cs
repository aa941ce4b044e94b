using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>Writes into the audit trail what the operator did with master keys and the key ring.</summary>
internal sealed class KeyJournal(IWriter writer, AuditTrail audit)
{
    public Task WriteAsync(string name, CancellationToken ct, params (string Name, object? Value)[] details) => writer.RunAsync(
        (db, _) =>
        {
            audit.Add(db, name, userId: null, Actor.Operator(), details);
            return Task.CompletedTask;
        },
        ct);
}
