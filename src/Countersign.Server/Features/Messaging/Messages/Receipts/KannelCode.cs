using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Messaging.Messages.Gateways;

namespace Countersign.Server.Features.Messaging.Messages.Receipts;

/// <summary>
/// The network's error code out of Kannel's meta data, <c>?smpp?dlr_err=%03%00%22&amp;</c>: a byte for the sort of network and
/// two for the code (SMPP 3.4, 5.3.2.31). Without it the kind of receipt.
/// </summary>
internal static partial class KannelCode
{
    private const int LongestMeta = 1_000;
    private const int CodeLength = 3;

    public static string? Of(IQueryCollection query)
    {
        var meta = query["meta"].ToString();
        var found = meta.Length <= LongestMeta ? Error().Match(meta) : Match.Empty;
        var bytes = Encoding.ASCII.GetBytes(found.Groups["code"].Value);
        var code = WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length);
        return code is { Length: CodeLength }
            ? ((code[1] << 8) | code[2]).ToString("D3", CultureInfo.InvariantCulture)
            : GatewayCode.Clean(query["status"].ToString());
    }

    [GeneratedRegex("dlr_err=(?<code>[^&]{1,9})&")]
    private static partial Regex Error();
}
