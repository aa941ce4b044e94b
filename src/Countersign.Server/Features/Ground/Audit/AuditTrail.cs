using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Ground.Audit;

/// <summary>
/// Adds audit rows to a unit of work. Each carries a MAC from insertion, made with a key that is not in the database (D29).
/// </summary>
internal sealed class AuditTrail(MasterKeys keys, AuditMeasures measures, TimeProvider time)
{
    /// <summary>The use of a master key that each row was made with.</summary>
    public const string Use = "audit";

    /// <summary>Adds one event. <paramref name="details"/> holds ids and facts, never a secret and never what a person typed.</summary>
    /// <param name="userId">Whom it happened to; null where no user is known.</param>
    public void Add(
        CountersignDbContext db, string name, Guid? userId, Actor by, params ReadOnlySpan<(string Name, object? Value)> details)
    {
        var now = Instants.FromUnixMicroseconds(time.GetUtcNow().ToUnixMicroseconds());
        var key = keys.Current;
        var row = new AuditEvent
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            UserId = userId,
            Event = name,
            ActorKind = by.Kind,
            ActorId = by.Id,
            Source = by.Source,
            Details = Json(details, by.Session),
            KeyId = key.Id,
            Encoding = AuditEncoding.Version,
            Mac = new byte[HMACSHA256.HashSizeInBytes],
        };
        HMACSHA256.HashData(key.Derive(Use), AuditEncoding.Bytes(row), row.Mac);
        db.Append(row);
        if (measures.Of(name, details) is { } count)
        {
            db.AfterCommit(count);
        }
    }

    /// <summary>Whether the row is as it was written.</summary>
    public bool IsGenuine(AuditEvent row) =>
        row.Encoding == AuditEncoding.Version
        && keys.Derive(row.KeyId, Use) is { } key
        && CryptographicOperations.FixedTimeEquals(row.Mac, HMACSHA256.HashData(key, AuditEncoding.Bytes(row)));

    private static string Json(ReadOnlySpan<(string Name, object? Value)> details, Guid? session)
    {
        if (details.IsEmpty && session is null)
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

            if (session is { } id)
            {
                json.WriteString("in-session", id);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
