using System.Formats.Cbor;
using Countersign.Server.Data;

namespace Countersign.Server.Features.Ground.Audit;

/// <summary>
/// The bytes that a row's MAC is made over: a map from the name of each column to its value, in canonical CBOR (RFC 8949 §4.2), so that
/// no two rows share bytes. What is null is left out: a column that comes later changes nothing for the rows before it, and one that is
/// filled in afterwards is found.
/// </summary>
internal static class AuditEncoding
{
    /// <summary>Stands in each row, and in its bytes. Another one is needed where an old value is to be written in another way.</summary>
    public const int Version = 1;

    public static byte[] Bytes(AuditEvent row)
    {
        var cbor = new CborWriter(CborConformanceMode.Canonical, convertIndefiniteLengthEncodings: true);
        cbor.WriteStartMap(definiteLength: null);
        cbor.WriteTextString("encoding");
        cbor.WriteInt32(row.Encoding);
        cbor.WriteTextString("at");
        cbor.WriteInt64(row.At.ToUnixMicroseconds());
        Write(cbor, "id", row.Id);
        Write(cbor, "user_id", row.UserId);
        Write(cbor, "event", row.Event);
        Write(cbor, "actor_kind", row.ActorKind.ToString());
        Write(cbor, "actor_id", row.ActorId);
        Write(cbor, "source", row.Source);
        Write(cbor, "details", row.Details);
        Write(cbor, "key_id", row.KeyId);
        cbor.WriteEndMap();
        return cbor.Encode();
    }

    private static void Write(CborWriter cbor, string name, Guid? value)
    {
        if (value is { } id)
        {
            cbor.WriteTextString(name);
            cbor.WriteByteString(id.ToByteArray(bigEndian: true));
        }
    }

    private static void Write(CborWriter cbor, string name, string? value)
    {
        if (value is not null)
        {
            cbor.WriteTextString(name);
            cbor.WriteTextString(value);
        }
    }
}
