using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>A line of a register that is no number.</summary>
internal sealed record BadNumber(int Line, string Why);

/// <summary>What an import of a register did.</summary>
internal sealed record RegisterImport(int Numbers, int Removed, IReadOnlyList<BadNumber> Bad);

/// <summary>
/// Replaces a do-not-call register by a file: one number a line, in international form, or in the form of <c>--country</c>. A file
/// with a bad line changes nothing.
/// </summary>
internal sealed class ImportDoNotCall(IWriter writer, AuditTrail audit, TimeProvider time)
{
    private const int Batch = 400;
    private const int LongestLine = 64;
    private const int MostBad = 1_000;

    public async Task<RegisterImport> RunAsync(TextReader lines, string register, string? country, Actor by, CancellationToken ct)
    {
        var (numbers, bad) = await ReadAsync(lines, country, ct);
        if (bad.Count > 0)
        {
            return new RegisterImport(0, 0, bad);
        }

        // New rows first, old ones after: a number that stays is never off the register.
        var now = time.GetUtcNow();
        foreach (var some in numbers.Chunk(Batch))
        {
            await writer.RunAsync((db, token) => AddAsync(db, register, some, now, token), ct);
        }

        var removed = await RemoveOlderAsync(register, now, ct);
        await writer.RunAsync(
            (db, _) =>
            {
                audit.Add(
                    db, AuditEvents.RegisterImported, userId: null, by,
                    ("register", register), ("numbers", numbers.Count), ("removed", removed));
                return Task.CompletedTask;
            },
            ct);
        return new RegisterImport(numbers.Count, removed, []);
    }

    private static async Task<(HashSet<string> Numbers, List<BadNumber> Bad)> ReadAsync(
        TextReader lines, string? country, CancellationToken ct)
    {
        var numbers = new HashSet<string>(StringComparer.Ordinal);
        var bad = new List<BadNumber>();
        for (var line = 1; bad.Count < MostBad && await lines.ReadLineAsync(ct) is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text) || text[0] == '#')
            {
                continue;
            }

            var read = text.Length > LongestLine ? NumberErrors.TooLong : MobileNumber.Read(text, country, allowVirtual: true);
            if (read.Succeeded)
            {
                numbers.Add(read.Value.E164);
            }
            else
            {
                bad.Add(new BadNumber(line, read.Error.Code));
            }
        }

        return (numbers, bad);
    }

    private static async Task AddAsync(CountersignDbContext db, string register, string[] numbers, DateTimeOffset now, CancellationToken ct)
    {
        await db.Set<DoNotCallNumber>().Where(n => n.Register == register && numbers.Contains(n.E164)).ExecuteDeleteAsync(ct);
        db.AddRange(numbers.Select(n => new DoNotCallNumber { E164 = n, Register = register, ImportedAt = now }));
    }

    private async Task<int> RemoveOlderAsync(string register, DateTimeOffset now, CancellationToken ct)
    {
        var total = 0;
        int removed;
        do
        {
            removed = await writer.RunAsync(
                (db, token) => db.Set<DoNotCallNumber>().Where(n => n.Register == register && n.ImportedAt < now).Take(Batch)
                    .ExecuteDeleteAsync(token),
                ct);
            total += removed;
        }
        while (removed == Batch);

        return total;
    }
}
