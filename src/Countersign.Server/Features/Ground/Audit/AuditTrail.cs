using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Ground.Audit;

/// <summary>Adds audit rows to a unit of work. Each carries a MAC from insertion, made with a key that is not in the database (D29).</summary>
internal sealed class AuditTrail(MasterKeys keys, AuditMeasures measures, TimeProvider time)
{
    /// <summary>The use of a master key that each row was made with.</summary>
    public const string Use = "audit";

    /// <summary>Adds one event. <paramref name="details"/> holds ids and facts, never a secret and never what a person typed.</summary>
    public void Add(CountersignDbContext db, string name, Guid? userId, string source, params ReadOnlySpan<(string Name, object? Value)> details)
    {
        var now = Instants.FromUnixMicroseconds(time.GetUtcNow().ToUnixMicroseconds());
        var id = Guid.CreateVersion7(now);
        var facts = Json(details);
        var key = keys.Current;
        db.Add(new AuditEvent
        {
            Id = id,
            At = now,
            UserId = userId,
            Event = name,
            Source = source,
            Details = facts,
            KeyId = key.Id,
            Mac = HMACSHA256.HashData(key.Derive(Use), Bytes(id, now, userId, name, source, facts)),
        });
        if (measures.Of(name, details) is { } count)
        {
            db.AfterCommit(count);
        }
    }

    /// <summary>Whether the row is as it was written.</summary>
    public bool IsGenuine(AuditEvent row) =>
        keys.Derive(row.KeyId, Use) is { } key
        && CryptographicOperations.FixedTimeEquals(row.Mac, HMACSHA256.HashData(key, Bytes(row.Id, row.At, row.UserId, row.Event, row.Source, row.Details)));

    private static string Json(ReadOnlySpan<(string Name, object? Value)> details)
    {
        if (details.IsEmpty)
        {
            return "{}";
        }

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var (name, value) in details)
            {
                json.WriteString(name, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Every column, each with its length before it, so that no two rows share bytes.</summary>
    private static byte[] Bytes(Guid id, DateTimeOffset at, Guid? userId, params ReadOnlySpan<string> texts)
    {
        using var stream = new MemoryStream();
        stream.Write(id.ToByteArray(bigEndian: true));
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, at.ToUnixMicroseconds());
        stream.Write(number);
        stream.Write((userId ?? Guid.Empty).ToByteArray(bigEndian: true));
        foreach (var text in texts)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt64BigEndian(number, utf8.Length);
            stream.Write(number);
            stream.Write(utf8);
        }

        return stream.ToArray();
    }
}
