using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Server.Features.Kinds.CodeCards;

/// <summary>A card as its row keeps it: what is printed on it, and a key of its own that orders the questions.</summary>
/// <param name="Cells">The values of all cells, one after the other.</param>
internal sealed record CodeCard(string Cells, byte[] Key)
{
    public const int CellLength = 3;
    public const int KeyLength = 32;

    [JsonIgnore]
    public int Count => Cells.Length / CellLength;

    [JsonIgnore]
    public CardSchedule Schedule => new(Key, Count);

    /// <summary>The value of a cell by its index number.</summary>
    public ReadOnlySpan<char> this[int index] => Cells.AsSpan((index - 1) * CellLength, CellLength);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, CodeCardsJson.Default.CodeCard);

    public static CodeCard Read(byte[] state) => JsonSerializer.Deserialize(state, CodeCardsJson.Default.CodeCard)!;
}

[JsonSerializable(typeof(CodeCard))]
[JsonSerializable(typeof(CardPrompt))]
internal sealed partial class CodeCardsJson : JsonSerializerContext;
